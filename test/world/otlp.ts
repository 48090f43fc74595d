/** A span as it came over the wire. */
export type ToldSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly state: string;
  readonly name: string;
  readonly kind: 'server' | 'client' | 'other';
  readonly isError: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of whoever has told it. */
  readonly resource: Readonly<Record<string, unknown>>;
};

/** The spans of one request to a collector: `ExportTraceServiceRequest` of opentelemetry-proto 1.x, in protobuf. */
export const readSpans = (body: Buffer): ToldSpan[] =>
  messages(body, 1).flatMap((ofResource) => {
    const resource = attributesOf(messages(ofResource, 1).flatMap((one) => messages(one, 1)));
    const spans = messages(ofResource, 2).flatMap((ofScope) => messages(ofScope, 2));
    return spans.map((span) => ({ ...spanOf(span), resource }));
  });

const kinds = new Map<unknown, ToldSpan['kind']>([
  [2, 'server'],
  [3, 'client'],
]);

function spanOf(span: Buffer): Omit<ToldSpan, 'resource'> {
  const first = (field: number): Buffer => messages(span, field)[0] ?? Buffer.alloc(0);
  const status = messages(span, 15)[0];
  return {
    traceId: first(1).toString('hex'),
    spanId: first(2).toString('hex'),
    parentId: first(4).toString('hex'),
    state: first(3).toString(),
    name: first(5).toString(),
    kind: kinds.get(fieldsOf(span).find(({ field }) => field === 6)?.value) ?? 'other',
    isError: status !== undefined && fieldsOf(status).some(({ field, value }) => field === 3 && value === 2),
    attributes: attributesOf(messages(span, 9)),
  };
}

/** Texts, whole numbers and words of truth: there are no others. */
const attributesOf = (pairs: readonly Buffer[]): Record<string, unknown> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [value] = fieldsOf(messages(pair, 2)[0] ?? Buffer.alloc(0));
      const plain = Buffer.isBuffer(value?.value) ? value.value.toString() : value?.value;
      return [String(messages(pair, 1)[0]), value?.field === 2 ? plain === 1 : plain];
    }),
  );

const messages = (bytes: Buffer, wanted: number): Buffer[] =>
  fieldsOf(bytes).flatMap(({ field, value }) => (field === wanted && Buffer.isBuffer(value) ? [value] : []));

type Field = { readonly field: number; readonly value: Buffer | number };

/** The fields of a message, in protobuf's wire format. */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const field = Math.floor(key / 8);
    if (key % 8 === 0) fields.push({ field, value: varint() });
    else if (key % 8 === 1) fields.push({ field, value: take(8) });
    else if (key % 8 === 2) fields.push({ field, value: take(varint()) });
    else if (key % 8 === 5) fields.push({ field, value: take(4) });
    else throw new Error(`There is no wire type ${key % 8}.`);
  }
  return fields;
}
