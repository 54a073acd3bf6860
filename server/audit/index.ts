export { Audit } from './audit.ts'
export { AuditEntry, type NewAuditEntry } from './audit-store.ts'
