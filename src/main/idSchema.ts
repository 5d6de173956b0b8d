/** The schema of ids from outside: calls, files, database rows. */
import { z } from 'zod';
import { type Id, isId } from '../bridge/ids.ts';

export const idSchema = z.custom<Id>(isId, 'an id has sixteen hexadecimal digits');
