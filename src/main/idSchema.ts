/** An id as everything checks it that comes from outside: a call, a file, a row of the database. */
import { z } from 'zod';
import { type Id, isId } from '../bridge/ids.ts';

export const idSchema = z.custom<Id>(isId, 'an id has sixteen hexadecimal digits');
