/** `npm run audit`: a second opinion on the database, in SQL of its own. Exit 0 clean, 1 breaches, 2 could not look. */
import { readOptions } from '../audit/options.ts';
import { describeReport } from '../audit/report.ts';
import { runAudit } from '../audit/run.ts';
import { AuditError } from '../audit/types.ts';

try {
  const { databaseUrl, voice, json } = await readOptions(process.argv.slice(2), process.env);
  const report = await runAudit({ databaseUrl, ...(voice === undefined ? {} : { voice }) });
  console.log(json ? JSON.stringify(report, null, 2) : describeReport(report));
  process.exitCode = report.clean ? 0 : 1;
} catch (error) {
  // Never 1: that would say that somebody looked.
  process.exitCode = 2;
  console.error(error instanceof AuditError ? error.message : error);
}
