/** How far a file has been read: its reader writes it, whoever asked for it reads it. */
export interface ReadProgress {
  /** From 0 to 1. */
  share: number;
}
