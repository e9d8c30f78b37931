/** Protobuf fields of the questions that callers ask about themselves, in the notation of `messages.ts`. */
export const reviewMessages = {
  FieldSelectorAttributes: '1:rawSelector:string 2:requirements:[]FieldSelectorRequirement',
  FieldSelectorRequirement: '1:key:string 2:operator:string 3:values:[]string',
  LabelSelectorAttributes: '1:rawSelector:string 2:requirements:[]LabelSelectorRequirement',
  NonResourceAttributes: '1:path:string 2:verb:string',
  ResourceAttributes:
    '1:namespace:string 2:verb:string 3:group:string 4:version:string 5:resource:string 6:subresource:string 7:name:string 8:fieldSelector:FieldSelectorAttributes 9:labelSelector:LabelSelectorAttributes',
  SelfSubjectAccessReview:
    '1:metadata:ObjectMeta 2:spec:SelfSubjectAccessReviewSpec 3:status:SubjectAccessReviewStatus',
  SelfSubjectAccessReviewSpec: '1:resourceAttributes:ResourceAttributes 2:nonResourceAttributes:NonResourceAttributes',
  SelfSubjectReview: '1:metadata:ObjectMeta 2:status:SelfSubjectReviewStatus',
  SelfSubjectReviewStatus: '1:userInfo:UserInfo',
  SubjectAccessReviewStatus: '1:allowed:bool 2:reason:string 3:evaluationError:string 4:denied:bool',
  UserInfo: '1:username:string 2:uid:string 3:groups:[]string',
} as const
