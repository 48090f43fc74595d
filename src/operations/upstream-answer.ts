/** An error answer of the upstream that the caller gets as it is: status and JSON body. */
export class UpstreamAnswer extends Error {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: unknown, headers: Readonly<Record<string, string>>) {
    super('The upstream answered with an error.');
    this.name = 'UpstreamAnswer';
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}
