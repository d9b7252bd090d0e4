const shape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text is an id of ours, before anything is asked with it. */
export function isId(text: string): boolean;
export function isId(text: string | undefined): text is string;
export function isId(text: string | undefined): text is string {
  return text !== undefined && shape.test(text);
}
