/**
 * A cell is text: what a file brings as a name must become no column, link, picture or tag of the page of whoever opens
 * the report. Addresses are not made links either.
 */
export function escape(cell: string): string {
  return cell
    .replace(/[\r\n\u2028\u2029]+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_[\]|~]/g, '\\$&')
    .replace(/:(?=\/\/)|@/g, (mark) => `&#${mark.charCodeAt(0)};`)
    .replace(/(www)\./gi, '$1&#46;');
}
