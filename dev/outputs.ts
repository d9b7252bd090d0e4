/** `npm run outputs`: runs the demo once, then every command of an operator, and writes all that they say into one file to be read. */
import { readArguments } from './help.ts';
import { reviewOutputs } from './outputs/review.ts';

readArguments(
  'Uso: npm run outputs\n\n  Todo lo que lee un operador, en .tandas/review/outputs.txt: unos cinco minutos.',
  {},
);
process.exitCode = await reviewOutputs();
