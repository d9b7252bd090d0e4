import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { apiFlags } from '../../../dev/stack/app-services.ts';
import { dynamicSettings } from '../../../dev/stack/temporal-config.ts';
import { SERVER_VERSION, UI_VERSION } from '../../../dev/stack/temporal-build.ts';

const root = new URL('../../../', import.meta.url);
const text = await readFile(new URL('docker-compose.yml', root), 'utf8');
const dockerfile = await readFile(new URL('Dockerfile', root), 'utf8');
const compose = z
  .object({
    services: z.record(
      z.string(),
      z.object({
        image: z.string(),
        command: z.union([z.string(), z.array(z.string())]).optional(),
        environment: z.record(z.string(), z.string()).default({}),
        volumes: z.array(z.string()).default([]),
        deploy: z.object({ replicas: z.string() }).optional(),
      }),
    ),
  })
  .parse(parse(text, { merge: true }));
const services = Object.entries(compose.services);

describe('docker-compose.yml', () => {
  it('has every part of the product', () => {
    expect(Object.keys(compose.services)).toEqual([
      'postgres',
      'temporal-schema',
      'temporal',
      'temporal-namespace',
      'temporal-ui',
      'migrate',
      'api',
      'mcp',
      'worker',
    ]);
    expect(compose.services['worker']?.deploy?.replicas).toBe('${WORKER_REPLICAS:-2}');
  });

  it('pins the versions that development uses', () => {
    // A deployed copy has its digest behind (docs/decisions/0043).
    const bare = (image: string | undefined): string | undefined =>
      image?.replace(/@sha256:[0-9a-f]{64}$/, '');
    expect(bare(compose.services['temporal']?.image)).toBe(`temporalio/server:${SERVER_VERSION}`);
    expect(bare(compose.services['temporal-ui']?.image)).toBe(`temporalio/ui:${UI_VERSION}`);
    // The exact release, which a major or `latest` is not.
    for (const [name, { image }] of services)
      expect(bare(image), name).toMatch(/^(?:tandas:\$\{TANDAS_VERSION:-local\}|[^:]+:\d+\.\d[\w.-]*)$/);
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => bare(image));
    expect(bases).toEqual(Array(2).fill(expect.stringMatching(/^node:\d+\.\d+\.\d+-[\w.-]+$/)));
  });

  it('runs the API as development does', () => {
    expect(compose.services['api']?.command).toEqual(['node', ...apiFlags, 'api/server.ts']);
  });

  it('holds no secret: each comes from a variable that must be set, or is nothing without one', () => {
    for (const [name, { environment }] of services) {
      for (const [key, value] of Object.entries(environment)) {
        // A store and whoever takes orders may be left out, and are nothing then.
        const form = /^(STORAGE_S3|CHARGING|STRIPE)_/.test(key) ? /^\$\{\w+:-\}$/ : /\$\{\w+:\?/;
        if (/PASSWORD|PWD|KEY|TOKEN|SECRET|DATABASE_URL/.test(key))
          expect(value, `${name}.${key}`).toMatch(form);
      }
    }
  });

  it('mounts only files that exist', async () => {
    const sources = services
      .flatMap(([, { volumes }]) => volumes)
      .map((volume) => volume.split(':')[0] ?? '');
    for (const source of sources.filter((path) => path.startsWith('./'))) {
      expect((await readFile(new URL(source, root), 'utf8')).length, source).toBeGreaterThan(0);
    }
  });

  it('the production server is set as the development server is, but for the cache of search attributes and its store', async () => {
    const production: unknown = parse(await readFile(new URL('docker/temporal-dynamic.yaml', root), 'utf8'));
    const { 'system.forceSearchAttributesCacheRefreshOnRead': _, ...shared } = dynamicSettings();
    const expected = { ...shared, 'history.shardIOConcurrency': 8 };
    expect(production).toEqual(
      Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, [{ value }]])),
    );
  });
});
