/** A refusal that the API answers as problem details (RFC 9457). */
export class Refusal extends Error {
  /** HTTP status. */
  readonly status: number
  readonly slug: string
  readonly title: string
  readonly detail: string

  constructor({ status, slug, title, detail }: { status: number; slug: string; title: string; detail: string }) {
    super(detail)
    this.status = status
    this.slug = slug
    this.title = title
    this.detail = detail
  }
}
