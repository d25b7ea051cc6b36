//! Enums that are numbers on the other side.

/// Declares an enum with the numbers that the shim has for it. A number that is not in the list (a newer libdnf5) becomes the variant
/// after `else`.
macro_rules! number_enum {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$variant_attribute:meta])* $variant:ident = $number:ident,)+
        }
        else $fallback:ident
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $name {
            $($(#[$variant_attribute])* $variant,)+
        }

        impl $name {
            /// libdnf5's enumerator.
            #[allow(dead_code, reason = "some enums only come back from libdnf5")]
            pub(crate) fn number(self) -> u32 {
                match self {
                    $(Self::$variant => dnf5_sys::$number,)+
                }
            }

            #[allow(dead_code, reason = "some enums only go to libdnf5")]
            pub(crate) fn from_number(number: u32) -> Self {
                match number {
                    $(dnf5_sys::$number => Self::$variant,)+
                    _ => Self::$fallback,
                }
            }
        }
    };
}
