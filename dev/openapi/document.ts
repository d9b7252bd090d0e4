import { createLoneApp } from '../../test/support/lone-app.ts';

/** The OpenAPI document as the API of this tree serves it. Nothing has to run. */
export async function servedDocument(): Promise<string> {
  const { app, close } = createLoneApp();
  try {
    return await (await app.request('/openapi.json')).text();
  } finally {
    await close();
  }
}
