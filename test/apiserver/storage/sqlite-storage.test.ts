import t from 'tap'
import { openMemoryStorage, openSqliteStorage } from '../../../apiserver/storage/sqlite-storage.ts'
import { testDirectory } from '../../support/directory.ts'
import { storageContract } from './contract.ts'

storageContract(t, { name: 'on disk', open: (t) => openSqliteStorage(testDirectory(t)) })
storageContract(t, { name: 'in memory', open: () => openMemoryStorage() })
