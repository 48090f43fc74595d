import { readProjectFile } from './project-file.ts';

export type ExampleLine = {
  readonly name: string;
  /** Empty where none is shown. */
  readonly value: string;
  /** Commented out: what is shown is the default. */
  readonly isDefault: boolean;
  /** The lines of prose right above it; lines that follow each other without a blank line share them. */
  readonly explanation: string;
};

const LINE = /^(?<off># )?(?<name>[A-Z][A-Z0-9_]*)=(?<value>.*)$/;

/** The variables that an `.env` example shows, in its order. */
export function readExample(file: string): ExampleLine[] {
  return readProjectFile(file)
    .split(/\n{2,}/)
    .flatMap(readParagraph);
}

function readParagraph(paragraph: string): ExampleLine[] {
  const lines = paragraph.split('\n');
  const explanation = lines.filter((line) => line.startsWith('#') && !LINE.test(line)).join('\n');
  return lines.flatMap((line) => {
    const { off, name, value } = LINE.exec(line)?.groups ?? {};
    return name === undefined || value === undefined
      ? []
      : [{ name, value, isDefault: off !== undefined, explanation }];
  });
}
