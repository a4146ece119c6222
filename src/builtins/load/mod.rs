//! Reading the files that `load` names: tables from CSV, arrays from NumPy files and pictures.
