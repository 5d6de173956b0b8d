/**
 * Names that generated code may not use, because Python or PyTorch define them: as reported by Python 3.11 and PyTorch
 * 2.15.0 (tests/oracles/pythonNames.py), and those of older versions.
 */
const KEYWORDS =
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield';

/** Built-in names of Python. */
const BUILTINS =
  'ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError BrokenPipeError BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError DeprecationWarning EOFError Ellipsis EncodingWarning EnvironmentError Exception ExceptionGroup FileExistsError FileNotFoundError FloatingPointError FutureWarning GeneratorExit IOError ImportError ImportWarning IndentationError IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplemented NotImplementedError OSError OverflowError PendingDeprecationWarning PermissionError ProcessLookupError PythonFinalizationError RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning ZeroDivisionError abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex copyright credits delattr dict dir divmod enumerate eval exec exit filter float format frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter len license list locals map max memoryview min next object oct open ord pow print property quit range repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip';

/** Attributes of nn.Module, nn.Sequential and nn.ModuleList. */
const MODULE_NAMES =
  'T_destination _apply _backward_hooks _backward_pre_hooks _buffers _call_impl _compiled_call_impl _forward_hooks _forward_hooks_always_called _forward_hooks_with_kwargs _forward_pre_hooks _forward_pre_hooks_with_kwargs _get_abs_string_index _get_backward_hooks _get_backward_pre_hooks _get_item_by_idx _get_name _is_full_backward_hook _load_from_state_dict _load_state_dict_post_hooks _load_state_dict_pre_hooks _maybe_warn_non_full_backward_hook _modules _named_members _non_persistent_buffers_set _parameters _register_load_state_dict_pre_hook _register_state_dict_hook _replicate_for_data_parallel _save_to_state_dict _slow_forward _state_dict_hooks _state_dict_pre_hooks _version _wrapped_call_impl add_module append apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval extend extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half insert ipu load_state_dict modules mtia named_buffers named_children named_modules named_parameters parameters pop register_backward_hook register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu zero_grad';

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

export const keywords = words(KEYWORDS);
export const builtins = words(BUILTINS);
export const moduleNames = words(MODULE_NAMES);

/**
 * A valid, unused identifier: the wanted one, or with an underscore or number appended.
 *
 * @param counts the last number appended to each name, to speed up thousands of equal names; only for sets that grow
 */
export function freeIdentifier(
  wanted: string,
  taken: Pick<ReadonlySet<string>, 'has'>,
  counts: Map<string, number> = new Map(),
): string {
  // Within a class, names with two leading underscores are mangled or special.
  const own = wanted.replace(/^__+/, '_');
  const isFree = (name: string) => !taken.has(name) && !keywords.has(name) && !name.startsWith('__');
  if (isFree(own)) return own;
  if (isFree(`${own}_`)) return `${own}_`;
  const stem = own.replace(/_$/, '');
  for (let i = (counts.get(stem) ?? 1) + 1; ; i++) {
    if (!isFree(`${stem}_${i}`)) continue;
    counts.set(stem, i);
    return `${stem}_${i}`;
  }
}
