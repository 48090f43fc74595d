export type ArrayReader = {
  /** The elements that this piece of the text completes. */
  push(piece: string): unknown[];
  /** To be called when the text has ended. */
  end(): void;
};

/**
 * Reads a JSON array of objects while it arrives. It looks for where each element ends, and leaves the reading of it to
 * JSON.parse. Both functions throw a SyntaxError when the text is no such array, or has ended before the array has.
 */
export function arrayReader(): ArrayReader {
  let depth = 0; // 1 within the array, more within an element
  let hasBegun = false;
  let inString = false;
  let isEscaped = false;
  let element = ''; // what has come of it with the pieces before

  const stepInString = (character: string): void => {
    if (isEscaped) isEscaped = false;
    else if (character === '\\') isEscaped = true;
    else if (character === '"') inString = false;
  };
  const step = (character: string): void => {
    if (depth < 2 && !allowedBetween[depth]?.includes(character)) throw new SyntaxError('This is no array of objects.');
    if (depth === 0 && character === '[' && hasBegun) throw new SyntaxError('There is more after the array.');
    if (character === '"') inString = true;
    if (character === '{' || character === '[') depth += 1;
    if (character === '}' || character === ']') depth -= 1;
    hasBegun ||= depth > 0;
  };

  return {
    push: (piece) => {
      const complete: unknown[] = [];
      let start = 0;
      for (let index = 0; index < piece.length; index++) {
        const character = piece.charAt(index);
        if (inString) {
          stepInString(character);
          continue;
        }
        const before = depth;
        step(character);
        if (before === 1 && depth === 2) start = index;
        if (before === 2 && depth === 1) {
          complete.push(JSON.parse(element + piece.slice(start, index + 1)));
          element = '';
        }
      }
      if (depth > 1) element += piece.slice(start);
      return complete;
    },
    end: () => {
      if (!hasBegun || depth > 0) throw new SyntaxError('The array has no end.');
    },
  };
}

/** Outside of the elements: before and after the array, and between two of them. */
const allowedBetween = [' \n\r\t[', ' \n\r\t,{]'];
