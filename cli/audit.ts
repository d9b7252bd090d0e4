import { readOptions, usage } from '../audit/options.ts';
import { describeReport } from '../audit/report.ts';
import { runAudit } from '../audit/run.ts';
import { CommandError, isWrongOption } from './command.ts';

export { usage };

/** A second opinion on the database. Exit 0 clean, 1 breaches, 2 could not look. */
export async function run(args: readonly string[]): Promise<void> {
  try {
    const { databaseUrl, voice, json } = await readOptions(args, process.env);
    const report = await runAudit({ databaseUrl, ...(voice === undefined ? {} : { voice }) });
    console.log(json ? JSON.stringify(report, null, 2) : describeReport(report));
    if (!report.clean) process.exitCode = 1;
  } catch (error) {
    // An option that is none is worded where all are.
    if (isWrongOption(error)) throw error;
    // Never 1: that would say that somebody looked.
    throw new CommandError(error instanceof Error ? error.message : String(error), 2);
  }
}
