type TensorField =
  `${'in' | 'out' | 'inout'}${'' | '?'}${'' | ' int32' | ' float64' | ' uint8' | ' int32|real'}`;

/** What a field of an instruction is: a tensor that is read, written or both (`?`: it may be absent), or a number. */
export type FieldType = TensorField | 'int' | 'float';
