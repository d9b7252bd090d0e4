const keyForm = /^[a-z0-9-]+(?:\/[a-z0-9-]+)*$/;

/** A key of an object. Throws for any other text: one with a dot could leave the folder or the bucket's own part. */
export function checkedKey(key: string): string {
  if (keyForm.test(key) && key.length <= 500) return key;
  throw new Error(`"${key}" is no key of an object`);
}
