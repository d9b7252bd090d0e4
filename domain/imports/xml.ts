/** XML of a workbook's parts, read as a stream within bounds. */
import { SaxesParser } from 'saxes';
import { damaged, ImportFileError } from './errors.ts';
import type { ImportLimits } from './limits.ts';

/** Names are without their prefix: some programs write `<x:row>`. Attributes keep theirs. */
export interface XmlHandler {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  /** Once or more often for one text. */
  text(text: string): void;
  close(name: string): void;
}

/** Most that any part of Office nests; without a bound a part of nothing but open tags is kept in memory whole. */
export const maxDepth = 64;

/** Gives a handler what it is written, chunk by chunk. `write` and `end` throw `ImportFileError`. */
export class XmlReader {
  readonly #parser = new SaxesParser({ position: false, xmlns: false });
  readonly #maxTextRun: number;
  /** Characters since the parser last said anything: what it gathers. */
  #gathered = 0;
  #depth = 0;

  constructor(handler: XmlHandler, { maxTextRun }: ImportLimits) {
    this.#maxTextRun = maxTextRun;
    this.#parser.on('opentag', ({ name, attributes }) => {
      this.#gathered = 0;
      this.#depth += 1;
      if (this.#depth > maxDepth) throw damaged(new Error('too deep'));
      handler.open(localName(name), attributes);
    });
    this.#parser.on('closetag', ({ name }) => {
      this.#gathered = 0;
      this.#depth -= 1;
      handler.close(localName(name));
    });
    const text = (value: string): void => {
      this.#gathered = 0;
      handler.text(value);
    };
    this.#parser.on('text', text);
    this.#parser.on('cdata', text);
    this.#parser.on('error', (error) => {
      throw damaged(error);
    });
  }

  write(chunk: string): void {
    this.#gathered += chunk.length;
    this.#parser.write(chunk);
    // A text, a tag or a comment without end: the parser keeps all of it until its end comes.
    if (this.#gathered > this.#maxTextRun) throw textRunTooLong();
  }

  end(): void {
    this.#parser.close();
  }
}

/** Reads a part to its end. */
export async function readXml(
  text: AsyncIterable<string>,
  handler: XmlHandler,
  limits: ImportLimits,
): Promise<void> {
  const reader = new XmlReader(handler, limits);
  for await (const chunk of text) reader.write(chunk);
  reader.end();
}

/** Without its prefix. */
export function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

export function textRunTooLong(): ImportFileError {
  return new ImportFileError(
    'text_run_too_long',
    'Una celda tiene un texto desmesurado. Quítelo y cargue el archivo de nuevo.',
    'A cell has a text out of all proportion. Remove it and upload the file again.',
  );
}
