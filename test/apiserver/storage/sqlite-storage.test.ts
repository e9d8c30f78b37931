import t from 'tap'
import { openMemoryStorage, openSqliteStorage } from '../../../apiserver/storage/sqlite-storage.ts'
import { storageContract } from './contract.ts'

storageContract(t, { name: 'on disk', open: (t) => openSqliteStorage(t.testdir()) })
storageContract(t, { name: 'in memory', open: () => openMemoryStorage() })
