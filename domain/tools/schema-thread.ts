/** The thread of `schema-check.ts`: one look at one schema, which somebody else wrote, and then it ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import { workBehindOthers } from '../shared/threads.ts';

const longestMisfit = 500;

function misfitOf({ schema, args }: { readonly schema: object; readonly args: unknown }): string | undefined {
  try {
    const result = new AjvJsonSchemaValidator().getValidator({ ...schema })(args);
    return result.valid ? undefined : result.errorMessage;
  } catch (error) {
    return `the tool's own schema is damaged: ${error instanceof Error ? error.message : String(error)}`;
  }
}

workBehindOthers();
parentPort?.postMessage(misfitOf(workerData)?.slice(0, longestMisfit));
