/** A part that is slower than this is as good as down. */
export const patienceMs = 2_000;

/** Whether a part answers in time. Never rejects: what fails, or fails later still, has not answered. */
export async function answers(ask: () => Promise<unknown>, withinMs: number = patienceMs): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), withinMs);
  });
  // A question that fails after its patience has run out must not be an unhandled rejection.
  const answered = ask().then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}
