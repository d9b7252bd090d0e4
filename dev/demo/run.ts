import { join } from 'node:path';
import { describeReport } from '../../audit/report.ts';
import { runAudit } from '../../audit/run.ts';
import { writeDemoWorkbook } from '../demo-data/generate.ts';
import type { DemoContext, DemoResult } from '../stack/types.ts';
import { roleWords } from '../../domain/accounts/rules/mails.ts';
import { demoAccount } from './account.ts';
import { demoPeople } from './people.ts';
import { ApiClient } from '../../client/api-client.ts';
import { summaryLines } from '../../cli/batch-summary.ts';
import { type ChosenRules, chooseRules, rulesLines } from '../../cli/rules.ts';
import { watchBatch } from '../../cli/watch-batch.ts';
import { counted } from '../../domain/shared/rules/written.ts';

/** Three waves a minute apart take some three minutes; a kill in the middle may add a look-up's wait or two. */
const timeoutMs = 15 * 60_000;

/** An Excel of 60 invented debtors, uploaded, called and audited through the same API that customers use. */
export async function runDemo(context: DemoContext): Promise<DemoResult> {
  const { apiUrl, databaseUrl, stateDir, signal } = context;
  const { apiKey, keyFile } = await demoAccount(databaseUrl, stateDir);
  const client = new ApiClient(apiUrl, apiKey);
  // A new seed for each demo: people who answered in an earlier one are left in peace for a week.
  const seed = Math.floor(Date.now() / 1000);
  const file = join(stateDir, 'demo.xlsx');
  await writeDemoWorkbook(file, { rows: 60, seed });
  console.log('\nDemo: una planilla de 60 deudores inventados, escrita como las de un operador');
  console.log(`  ${file}`);
  const imported = await client.import(file, {});
  console.log(
    `  ${counted(imported.rows_read, 'fila leída', 'filas leídas')}: ${counted(imported.contacts, 'persona')}, ` +
      `${counted(imported.rows_refused, 'fila rechazada', 'filas rechazadas')}:`,
  );
  for (const problem of imported.problems.filter(({ severity }) => severity === 'refused')) {
    console.log(`    fila ${problem.row}, ${problem.column}: ${problem.message_es}`);
  }
  const { answer: _, ...rules } = await choose(client, imported.use_case ?? '');
  const batch = await client.createBatch({
    import_id: imported.import_id,
    name: 'Demo',
    budget: { amount: '25' },
    ...rules,
  });
  if (context.temporalUiUrl !== undefined) console.log(`\n  Míralo en Temporal: ${context.temporalUiUrl}`);
  console.log('  Tres tandas con un minuto entre ellas, en diez líneas:\n');
  const ended = await watchBatch(client, batch.id, { signal, timeoutMs });
  for (const line of summaryLines(ended)) console.log(line);
  const audit = await runAudit({
    databaseUrl,
    voice: { url: context.fakeVoiceUrl, apiKey: context.fakeVoiceApiKey },
  });
  console.log(describeReport(audit));
  const isComplete = ended.state === 'finished' && ended.progress.closed === ended.progress.contacts;
  if (!isComplete) console.log('  El lote no terminó: quedan contactos abiertos.');
  if (!context.once) {
    suggest(apiUrl, keyFile);
    await introduce({ databaseUrl, stateDir, apiUrl, apiKey });
  }
  return { exitCode: isComplete && audit.clean ? 0 : 1 };
}

async function choose(client: ApiClient, useCase: string): Promise<ChosenRules> {
  const rules = await chooseRules(client, useCase, { pack: 'demo', policy: 'demo' });
  for (const line of rulesLines(rules)) console.log(`  ${line}`);
  return rules;
}

function suggest(apiUrl: string, keyFile: string): void {
  console.log('\n  Ahora con tu propia planilla (primero muestra qué haría, sin llamar a nadie):');
  console.log('    npm run upload -- mi-archivo.xlsx');
  console.log(
    '    npm run upload -- mi-archivo.xlsx --start              (bajo las reglas de Chile: a sus horas)',
  );
  console.log('    npm run upload -- mi-archivo.xlsx --start --pack demo  (de inmediato, también simulado)');
  console.log('    npm run status');
  console.log(`  La API está en ${apiUrl}/docs; la clave de la cuenta, en ${keyFile}.`);
}

/** A person of each role, who signs in with one click: nobody's password is known. */
async function introduce(of: Parameters<typeof demoPeople>[0]): Promise<void> {
  console.log('\n  Personas de la demostración. Cada enlace entra una vez:');
  for (const { role, link } of await demoPeople(of))
    console.log(`    ${roleWords[role].es.padEnd(9)} ${link}`);
}
