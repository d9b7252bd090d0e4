import type { TestProject } from 'vitest/node';
import type { Servers } from './servers.ts';
import { startTestStack, type TestStack } from './test-stack.ts';

declare module 'vitest' {
  export interface ProvidedContext extends Servers {}
}

/** Each vitest project loads this file anew; the one stack of the run lies where all of them see it. */
declare global {
  var tandasTestStack: { readonly stack: Promise<TestStack>; users: number } | undefined;
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const options = { postgres: true, temporal: true, durable: false };
  const shared = (globalThis.tandasTestStack ??= { stack: startTestStack(options), users: 0 });
  shared.users += 1;
  const stack = await shared.stack;
  const { servers } = stack;
  project.provide('adminDatabaseUrl', servers.adminDatabaseUrl);
  project.provide('templateDatabase', servers.templateDatabase);
  project.provide('temporalAddress', servers.temporalAddress);
  project.provide('temporalNamespace', servers.temporalNamespace);
  project.provide('bundleDir', project.vitest.config.watch ? '' : servers.bundleDir);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    globalThis.tandasTestStack = undefined;
    await stack.stop();
  };
}
