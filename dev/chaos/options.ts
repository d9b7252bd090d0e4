import { parseArgs } from 'node:util';
import { type PlantName, PLANTS } from './plants.ts';

export interface ChaosOptions {
  readonly seeds: readonly number[];
  /** The short run of the tests instead of 300 contacts. */
  readonly small: boolean;
  /** Seeds that failed once, each as it failed, instead of `seeds`. */
  readonly kept: boolean;
  readonly json: boolean;
  /** Adds a line a seed to dev/chaos/results.jsonl. */
  readonly record: boolean;
  /** Ends with the first seed that finds something. */
  readonly untilFound: boolean;
  readonly plant: PlantName | undefined;
}

/** The command line did not say what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage =
  'Uso: npm run chaos -- [--seeds N | --seed S | --kept] [--small] [--json] [--no-record] [--until-found]\n' +
  `     npm run chaos -- --plant ${Object.keys(PLANTS).join(' | ')}`;

/** Throws `UsageError`, in words for whoever typed it. */
export function readOptions(args: readonly string[]): ChaosOptions {
  const { values } = parse(args);
  const seeds = values.seeds === undefined ? 1 : whole('--seeds', values.seeds);
  const list =
    values.seed === undefined
      ? Array.from({ length: seeds }, (_, index) => index + 1)
      : [whole('--seed', values.seed)];
  const plant = values.plant;
  if (plant !== undefined && !isPlant(plant)) throw new UsageError(`No se conoce "${plant}".\n${usage}`);
  return {
    seeds: list,
    small: values.small === true,
    kept: values.kept === true,
    json: values.json === true,
    record: values['no-record'] !== true && values.small !== true,
    untilFound: values['until-found'] === true,
    plant,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string' },
        seed: { type: 'string' },
        small: { type: 'boolean' },
        kept: { type: 'boolean' },
        json: { type: 'boolean' },
        'no-record': { type: 'boolean' },
        'until-found': { type: 'boolean' },
        plant: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : ''}\n${usage}`);
  }
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1_000_000) return value;
  throw new UsageError(`${name} debe ser un número entero desde 1, no "${text}".\n${usage}`);
}

function isPlant(name: string): name is PlantName {
  return Object.hasOwn(PLANTS, name);
}
