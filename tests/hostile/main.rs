//! Does a hostile guest, tenant or target stay within what it may do and use?
