import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** A browser of this machine; nothing is downloaded for a test. */
export const browserPath = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((dir) => names.map((name) => join(dir, name)))
  .find(isExecutable);

export async function launchBrowser(): Promise<Browser> {
  if (browserPath === undefined) throw new Error(`no browser on the path: one of ${names.join(', ')}`);
  return await chromium.launch({
    executablePath: browserPath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-sync',
    ],
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
