import { mkdir } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ContactAddress, contactWorkflowId } from '../../../domain/temporal/rules/ids.ts';
import { browserPath, launchBrowser } from '../../../dev/browser.ts';
import { rows } from '../../support/own-batch.ts';
import { type Call, startWholeStack, type WholeStack } from '../../support/whole-stack.ts';

/** In CI a missing browser is a failure: a guarantee that nobody looks at is none. */
const isSkipped = browserPath === undefined && process.env['CI'] === undefined;
if (isSkipped) console.warn('The Temporal UI is not looked at: there is no chromium on the path.');

/** The latest screenshots, for a person to look at. */
const screenshotDir = join(tmpdir(), `tandas-temporal-ui-${userInfo().uid}`);
const contactLink = /^contact\//;
/** What a contact's line of current details can begin with. */
const currentWords =
  /(Busca|Espera línea|Se llamará en|Espera el pago|Dice que ya pagó|Falta saldo|Llamando|En llamada|Cerrado)[^\n]* · [^\n]*intento/;

let stack: WholeStack;
let browser: Browser | undefined;
let page: Page;
let call: Call;

async function shoot(name: string): Promise<void> {
  await page.screenshot({ path: join(screenshotDir, `${name}.png`), fullPage: true });
}

/** Summary and details are Markdown, which the UI shows in frames of their own, and replaces when there is news. */
async function wordsInFrames(): Promise<string> {
  const frames = page.frames().filter((frame) => frame !== page.mainFrame());
  const texts = frames.map((frame) =>
    frame
      .locator('body')
      .innerText()
      .catch(() => ''),
  );
  return (await Promise.all(texts)).join('\n');
}

beforeAll(async () => {
  if (isSkipped) return;
  await mkdir(screenshotDir, { recursive: true });
  stack = await startWholeStack();
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  page.setDefaultTimeout(60_000);
  call = await stack.until('somebody has been talked to', async () =>
    (await stack.calls()).find(({ final, call: { duration_ms: ms } }) => final && ms !== undefined && ms > 0),
  );
}, 600_000);

afterAll(async () => {
  if (isSkipped) return;
  await browser?.close();
  await stack.close();
});

async function workflowIdOf(contactId: string): Promise<string> {
  const [address] = await rows<ContactAddress>(
    stack.databaseUrl,
    `select a.slug as "accountSlug", b.slug as "batchSlug", k.ordinal as number from core.contact k
       join core.batch b on b.id = k.batch_id join catalogue.account a on a.id = k.account_id
      where k.id = '${contactId}'`,
  );
  if (address === undefined) throw new Error(`there is no contact ${contactId}`);
  return contactWorkflowId(address);
}

describe.skipIf(isSkipped)('the Temporal UI, in a browser, during the demo', () => {
  it('lists every contact of the demo and opens the one that is clicked', async () => {
    const filter = encodeURIComponent("WorkflowType='contact'");
    await page.goto(`${stack.temporalUiUrl}/namespaces/default/workflows?query=${filter}`);
    await page.getByRole('link', { name: contactLink }).nth(59).waitFor();
    expect(await page.getByRole('link', { name: contactLink }).count()).toBe(60);
    await shoot('contacts');
    const workflowId = await workflowIdOf(call.call.metadata.contact_id);
    // Exact: the name of contact 6 is the beginning of that of contact 60.
    await page.getByRole('link', { name: workflowId, exact: true }).click();
    await page.getByRole('heading', { name: workflowId }).waitFor();
  });

  it("tells the contact's story on its timeline in Spanish words, without its number", async () => {
    // That a call runs is told by the current details: a timer of its own would cost events (docs/decisions/0016).
    for (const words of [/(Se llamará en|Espera línea para) la tanda 1/, /Llamando, la tanda 1/]) {
      await page.getByText(words).first().waitFor();
    }
    await shoot('timeline');
    expect(await page.locator('body').innerText()).not.toContain(call.call.to_number);
  });

  it('sums the contact up under User Metadata: which one it is, and what it waits for', async () => {
    await page.getByRole('tab', { name: 'User Metadata' }).click();
    const words = await stack.until('summary and current details', async () => {
      const shown = await wordsInFrames();
      return currentWords.test(shown) ? shown : undefined;
    });
    await shoot('metadata');
    expect(words).toMatch(/Contacto \d+ · /);
  });
});
