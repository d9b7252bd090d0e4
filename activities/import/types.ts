import type { ImportInput } from '../../workflows/import/contract.ts';

export type UploadAddress = ImportInput;

/** 'busy': it cannot be read now, because other files are. */
export type UploadState = 'stored' | 'failed' | 'cancelled' | 'gone' | 'busy';

export interface ImportActivities {
  /** Reads the file and stores its rows, or does what they say. A repeated one goes on behind what is stored or done. */
  readUpload(input: ImportInput): Promise<UploadState>;
  /** What is stored of it goes, unless it is over. A file of payments or removals goes on ('busy'). Idempotent. */
  cancelUpload(input: ImportInput): Promise<UploadState>;
}
