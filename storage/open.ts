import type { ObjectStore } from '../domain/shared/object-port.ts';
import { createFileStore } from './files.ts';
import { createS3Store, type S3Settings } from './s3.ts';

/** Where files lie. */
export type StorageSettings =
  { readonly kind: 'files'; readonly folder: string } | ({ readonly kind: 's3' } & S3Settings);

export function openStore(settings: StorageSettings): ObjectStore {
  return settings.kind === 'files' ? createFileStore(settings.folder) : createS3Store(settings);
}
