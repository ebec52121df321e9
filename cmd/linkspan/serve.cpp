#include "cmd/linkspan/serve.hpp"

#include "cmd/linkspan/exit_code.hpp"
#include "cmd/linkspan/terminal.hpp"

namespace linkspan
{

int run_serve(serve_options const& options)
{
    auto here = process_terminal(false);
    error const failure(errc::unavailable, "serve is not part of this build");
    print_error(here, failure, options.json);
    return exit_code_of(failure.code);
}

}  // namespace linkspan
