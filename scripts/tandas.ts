#!/usr/bin/env node
/** `npm run tandas -- COMMAND`, `npx tandas COMMAND`: everything that an operator does, over the API. */
import { tandas } from '../cli/tandas.ts';

await tandas(process.argv.slice(2));
