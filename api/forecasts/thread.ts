import { parentPort, workerData } from 'node:worker_threads';
import { forecastOf, type ForecastTerms } from '../../domain/forecast/plan.ts';
import { workBehindOthers } from '../../domain/shared/threads.ts';

workBehindOthers();
// What the runner put there: terms that a request's schema has checked.
const terms: ForecastTerms = workerData;
parentPort?.postMessage(forecastOf(terms));
