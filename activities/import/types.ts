import type { ImportInput } from '../../workflows/import/contract.ts';

/** 'busy': it cannot be read now, because other files are. */
export type UploadState = 'stored' | 'failed' | 'cancelled' | 'gone' | 'busy';

export interface ImportActivities {
  /** Reads the file and stores its rows. A repeated one goes on behind the last portion that is stored. */
  readUpload(input: ImportInput): Promise<UploadState>;
  /** What is stored of it goes, unless it is over. Idempotent. */
  cancelUpload(input: ImportInput): Promise<UploadState>;
}
