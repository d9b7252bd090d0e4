import { refuse } from '../../domain/shared/refused.ts';

/** Whoever takes nothing for so long is gone, or holds a place for nothing. */
const idleMs = 120_000;

/** Files that are being read by accounts: each has some places, so that nobody's downloads are in another's way. */
export class OpenFiles {
  readonly #open = new Map<string, number>();
  readonly #most: number;

  constructor(mostOfAccount: number) {
    this.#most = mostOfAccount;
  }

  /**
   * The file as a body that makes a part when one is taken. Its first part is there before this answers: a fault of the
   * beginning is an answer, and not a body that breaks off. Throws `OperationRefused` (429) when no place is left.
   */
  async body(
    accountId: string,
    open: () => Promise<AsyncGenerator<Uint8Array>>,
  ): Promise<ReadableStream<Uint8Array>> {
    const own = this.#open.get(accountId) ?? 0;
    if (own >= this.#most) throw refuse('too_many_results', { most: this.#most });
    this.#add(accountId, 1);
    let isOpen = true;
    const close = (): void => {
      if (isOpen) this.#add(accountId, -1);
      isOpen = false;
    };
    try {
      const parts = await open();
      return streamOf(parts, await parts.next(), close);
    } catch (error) {
      close();
      throw error;
    }
  }

  #add(accountId: string, by: 1 | -1): void {
    const left = (this.#open.get(accountId) ?? 0) + by;
    if (left === 0) this.#open.delete(accountId);
    else this.#open.set(accountId, left);
  }
}

function streamOf(
  parts: AsyncGenerator<Uint8Array>,
  first: IteratorResult<Uint8Array>,
  close: () => void,
): ReadableStream<Uint8Array> {
  let next: IteratorResult<Uint8Array> | undefined = first;
  let idle: NodeJS.Timeout | undefined;
  const end = async (): Promise<void> => {
    clearTimeout(idle);
    close();
    await parts.return(undefined);
  };
  const watch = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    idle = setTimeout(() => {
      controller.error(new Error('nobody takes the file'));
      void end();
    }, idleMs).unref();
  };
  return new ReadableStream<Uint8Array>(
    {
      start: watch,
      async pull(controller) {
        clearTimeout(idle);
        try {
          const part = next ?? (await parts.next());
          next = undefined;
          if (part.done === true) {
            await end();
            controller.close();
            return;
          }
          controller.enqueue(part.value);
          watch(controller);
        } catch (error) {
          await end();
          throw error;
        }
      },
      cancel: end,
    },
    // No part is made before it is asked for.
    { highWaterMark: 0 },
  );
}
