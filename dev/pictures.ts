/**
 * `npm run pictures`: runs the demo in a folder of its own and keeps what a person sees of it in docs/images: the terminal, the list of
 * contacts in the Temporal UI, and the history of one of them. Needs a Chromium on the path, and the ports of the local stack.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { projectDir } from '../client/local.ts';
import { launchBrowser } from './browser.ts';
import { readArguments } from './help.ts';

const folder = join(projectDir, 'docs', 'images');
const temporalUi = 'http://127.0.0.1:8233';
const api = 'http://127.0.0.1:8080';
const patienceMs = 10 * 60_000;

interface Demo {
  readonly text: () => string;
  readonly ended: Promise<number | null>;
}

function startDemo(stateDir: string): Demo {
  const env = { ...process.env, TANDAS_STATE_DIR: stateDir };
  const child = spawn(process.execPath, [join(projectDir, 'dev', 'start.ts'), '--once'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    text += chunk;
    process.stdout.write(chunk);
  });
  return { text: () => text, ended: once(child, 'exit').then(() => child.exitCode) };
}

/** Asks again until there is an answer. Throws when ten minutes have not been enough. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const giveUpAtMs = Date.now() + patienceMs;
  while (Date.now() < giveUpAtMs) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    await sleep(1_000);
  }
  throw new Error(`${what}: not in ten minutes`);
}

interface Listed {
  readonly id: string;
  readonly outcome: string | null;
  readonly attempts: number;
}

function listed(body: unknown): readonly Listed[] {
  const rows: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'contacts') : [];
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((row: unknown): readonly Listed[] => {
    const { id, outcome, attempts } = Object.fromEntries(Object.entries(Object(row)));
    if (typeof id !== 'string' || typeof attempts !== 'number') return [];
    return [{ id, outcome: typeof outcome === 'string' ? outcome : null, attempts }];
  });
}

/** A contact with a story: called more than once, and closed. */
async function toldContact(stateDir: string): Promise<Listed | undefined> {
  const key = (await readFile(join(stateDir, 'api-key'), 'utf8')).trim();
  const headers = { authorization: `Bearer ${key}` };
  const answer = await fetch(`${api}/api/v1/contacts?state=closed&limit=100`, { headers });
  return listed(await answer.json()).find(({ attempts }) => attempts >= 2);
}

async function shootTemporal(page: Page, stateDir: string): Promise<void> {
  const filter = encodeURIComponent("WorkflowType='contact'");
  await until('a closed contact', () => toldContact(stateDir));
  await page.goto(`${temporalUi}/namespaces/default/workflows?query=${filter}`);
  await page
    .getByRole('link', { name: /^contact\// })
    .nth(19)
    .waitFor();
  await page.screenshot({ path: join(folder, 'temporal-contacts.png') });
  const closed = encodeURIComponent("WorkflowType='contact' AND ExecutionStatus='Completed'");
  await page.goto(`${temporalUi}/namespaces/default/workflows?query=${closed}`);
  await page
    .getByRole('link', { name: /^contact\// })
    .first()
    .click();
  await page
    .getByText(/llamada|tanda|lote/i)
    .first()
    .waitFor();
  await sleep(2_000);
  await page.screenshot({ path: join(folder, 'temporal-contact.png') });
}

/** The terminal as it was, without its colours and its redrawn lines. */
async function shootTerminal(browser: Browser, text: string, stateDir: string): Promise<void> {
  const plain = stripVTControlCharacters(text)
    .replaceAll(stateDir, '.tandas')
    .replaceAll(/^.*\r(?!\n)/gm, '');
  const escaped = plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').trim();
  const page = await browser.newPage({ viewport: { width: 1000, height: 400 } });
  await page.setContent(
    `<body style="margin:0;background:#1b1f24"><pre style="margin:0;padding:20px;color:#d7dde4;` +
      `font:13px/1.45 'DejaVu Sans Mono',monospace">${escaped}</pre></body>`,
  );
  await page.screenshot({ path: join(folder, 'demo.png'), fullPage: true });
}

readArguments('Uso: npm run pictures\n\n  Corre la demo y guarda sus imágenes en docs/images.', {});
const stateDir = await mkdtemp(join(tmpdir(), 'tandas-pictures-'));
await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
try {
  const demo = startDemo(stateDir);
  const page = await browser.newPage({ viewport: { width: 1500, height: 950 } });
  page.setDefaultTimeout(60_000);
  const [, exitCode] = await Promise.all([shootTemporal(page, stateDir), demo.ended]);
  await shootTerminal(browser, demo.text(), stateDir);
  process.exitCode = exitCode ?? 1;
} finally {
  await browser.close();
  await rm(stateDir, { recursive: true, force: true });
}
