// expect: not formatted; run clang-format-14 -i on it
int   main( ) { return 0; }
