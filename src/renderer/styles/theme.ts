/** Mantine's theme, mapped onto the tokens, so that its widgets and ours are of one make, light and dark. */
import {
  type CSSVariablesResolver,
  createTheme,
  type MantineThemeOverride,
  type VariantColorsResolver,
} from '@mantine/core';

/** Buttons and their like: one accent, one danger, everything else quiet. */
const variantColors: VariantColorsResolver = ({ variant, color }) => {
  const hue = color === 'red' ? 'var(--error)' : 'var(--accent)';
  if (variant === 'filled') {
    const hover = color === 'red' ? 'var(--error)' : 'var(--accent-hover)';
    return { background: hue, hover, color: 'var(--on-accent)', border: '1px solid transparent' };
  }
  const text = color === 'red' ? hue : 'var(--text)';
  if (variant === 'subtle' || variant === 'transparent') {
    return {
      background: 'transparent',
      hover: 'var(--sunken)',
      color: text,
      border: '1px solid transparent',
    };
  }
  if (variant === 'light') {
    return { background: 'var(--accent-weak)', hover: 'var(--accent-weak)', color: hue, border: 'none' };
  }
  return {
    background: 'var(--raised)',
    hover: 'var(--sunken)',
    color: text,
    border: '1px solid var(--line-strong)',
  };
};

export const theme: MantineThemeOverride = createTheme({
  fontFamily: '"Inter Variable", Inter, system-ui, sans-serif',
  fontFamilyMonospace: '"JetBrains Mono", "DejaVu Sans Mono", ui-monospace, monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '15px', xl: '18px' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '10px', xl: '16px' },
  defaultRadius: 'sm',
  primaryColor: 'indigo',
  respectReducedMotion: true,
  cursorType: 'pointer',
  variantColorResolver: variantColors,
  components: {
    Button: { defaultProps: { size: 'compact-sm', variant: 'default' } },
    ActionIcon: { defaultProps: { variant: 'subtle', size: 26 } },
    TextInput: { defaultProps: { size: 'xs' } },
    NativeSelect: { defaultProps: { size: 'xs' } },
    Switch: { defaultProps: { size: 'sm', withThumbIndicator: false } },
    Checkbox: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs', transitionDuration: 0 } },
    Slider: { defaultProps: { size: 'xs' } },
    Menu: { defaultProps: { shadow: 'md', transitionProps: { duration: 80 }, position: 'bottom-start' } },
    Modal: {
      defaultProps: {
        centered: true,
        // What is typed next belongs to what is seen next: no key falls into a fading dialog.
        transitionProps: { duration: 0 },
        overlayProps: { backgroundOpacity: 0.32 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
    },
    Popover: { defaultProps: { shadow: 'md', transitionProps: { duration: 80 } } },
    Tooltip: {
      defaultProps: { openDelay: 350, transitionProps: { duration: 80 }, maw: 320, multiline: true, fz: 12 },
    },
  },
});

/** Both schemes say the same: the tokens themselves know light from dark. */
const tokens = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-bright': 'var(--text)',
  '--mantine-color-error': 'var(--error)',
  '--mantine-color-dimmed': 'var(--text-2)',
  '--mantine-color-placeholder': 'var(--text-3)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--sunken)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-disabled': 'var(--sunken)',
  '--mantine-color-disabled-color': 'var(--text-3)',
  '--mantine-color-disabled-border': 'var(--line)',
  '--mantine-primary-color-filled': 'var(--accent)',
  '--mantine-primary-color-filled-hover': 'var(--accent-hover)',
  '--mantine-primary-color-light': 'var(--accent-weak)',
  '--mantine-primary-color-light-color': 'var(--accent)',
  '--mantine-primary-color-contrast': 'var(--on-accent)',
  '--mantine-shadow-md': 'var(--shadow-2)',
};

export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: tokens, dark: tokens });
