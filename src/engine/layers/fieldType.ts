/** What a field of an instruction is: a tensor that is read, written or both (`?`: it may be absent), or a number. */
export type FieldType = 'in' | 'in?' | 'out' | 'out?' | 'inout' | 'inout?' | 'int' | 'float';
