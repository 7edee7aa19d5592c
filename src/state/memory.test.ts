import { describe } from 'node:test';
import { historyContract, silent } from '../../test/history-contract.ts';
import { createMemoryHistory } from './memory.ts';

describe('a history in memory', () => historyContract(async (options) => createMemoryHistory({ ...options, log: silent })));
