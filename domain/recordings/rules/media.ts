const known: Readonly<Record<string, string>> = {
  'audio/wav': 'audio/wav',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/mpeg': 'audio/mpeg',
  'audio/mp3': 'audio/mpeg',
  'audio/ogg': 'audio/ogg',
  // As stores of objects call what nobody has named: by its link it is a WAV.
  'application/octet-stream': 'audio/wav',
  'binary/octet-stream': 'audio/wav',
};

/** As what a recording is served. Undefined: what came is none, but a page that says why there is none. */
export function mediaTypeOf(contentType: string | null): string | undefined {
  const [type = ''] = (contentType ?? '').toLowerCase().split(';');
  const name = type.trim();
  return Object.hasOwn(known, name) ? known[name] : undefined;
}
