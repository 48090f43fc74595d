/** Whether a segment can be read in one way only. */
export function isPlainSegment(segment: string): boolean {
  if (!segmentForm.test(segment) || segment === '.' || segment === '..') return false;
  const encoded = segment.match(/(?:%[0-9A-Fa-f]{2})+/g) ?? [];
  return encoded.every((bytes) => {
    try {
      return !ambiguous.test(decodeURIComponent(bytes));
    } catch {
      return false; // not UTF-8
    }
  });
}

/** pchar of RFC 3986 without `;`, or an encoded byte. */
const segmentForm = /^(?:[\w.~!$&'()*+,=:@-]|%[0-9A-Fa-f]{2})+$/;

/** Encoded bytes that mean something else when somebody decodes them once more or once less. */
const ambiguous = /[\p{Cc}/\\%.;?#\w~-]/u;
