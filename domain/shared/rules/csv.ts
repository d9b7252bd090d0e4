/**
 * A name or a batch that begins like a formula would be run by whoever opens the file; a phone number is none. Excel in Chile parts
 * cells at `;` and sees no quotes behind a comma, so that one may begin behind a `;` or a line break inside of a text as well.
 */
export function csvCell(text: string): string {
  const isFormula = /^(?:[\t\r]|\s*[=@])/.test(text) || (/^\s*[+-]/.test(text) && !/^[+-]\d+$/.test(text));
  // Each run of white space is taken once: looked at from each of its line breaks, it would cost the square of its length.
  const safe = (isFormula ? `'${text}` : text).replace(
    /([;\n]\s*)([=@+-])?/g,
    (all, gap: string, mark: string | undefined) => (mark === undefined ? all : `${gap}'${mark}`),
  );
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}
