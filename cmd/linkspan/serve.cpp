#include "cmd/linkspan/serve.hpp"

#include "cmd/linkspan/app.hpp"
#include "cmd/linkspan/check.hpp"
#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/exit_code.hpp"
#include "cmd/linkspan/keys.hpp"
#include "cmd/linkspan/log.hpp"
#include "cmd/linkspan/terminal.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

namespace linkspan
{
namespace
{

constexpr int cut_by_signal = 128;  // plus the signal: what a shell would say of a process that it killed

// Standard output as the console destination's way out. It never blocks the loop on a reader that does not
// read.
outcome print_to_stdout(std::string_view text)
{
    bool is_begun = false;
    while (!text.empty())
    {
        pollfd ready = {STDOUT_FILENO, POLLOUT, 0};
        if (::poll(&ready, 1, 0) == 0)
        {
            if (is_begun)
                return outcome(outcome_kind::unknown, "standard output took a part and nothing more");
            outcome later(outcome_kind::retry_after, "standard output takes nothing now");
            later.wait = seconds(1);
            return later;
        }
        // What a pipe takes without blocking once poll() has said so.
        auto const written =
            ::write(STDOUT_FILENO, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
        {
            outcome closed(outcome_kind::rejected_destination, "standard output is closed");
            closed.advice = "start linkspan serve with a standard output, or remove the console destination";
            return closed;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
        is_begun = true;
    }
    return outcome(outcome_kind::accepted, "printed");
}

// The first signal asks the app to stop, the second ends the process: what was promised is on disk.
class signal_watch
{
public:
    signal_watch()
    {
        ::sigemptyset(&watched_);
        ::sigaddset(&watched_, SIGTERM);
        ::sigaddset(&watched_, SIGINT);
        // Before any thread is made: all inherit it, and the signals come here alone.
        ::pthread_sigmask(SIG_BLOCK, &watched_, nullptr);
        ::signal(SIGPIPE, SIG_IGN);
    }

    void start(app& watched)
    {
        thread_ = std::thread(
            [this, &watched]
            {
                for (int count = 0;; ++count)
                {
                    int number = 0;
                    ::sigwait(&watched_, &number);
                    if (is_over_)
                        return;
                    if (count > 0)
                        ::_exit(cut_by_signal + number);
                    watched.stop();
                }
            }
        );
    }

    ~signal_watch()
    {
        if (!thread_.joinable())
            return;
        is_over_ = true;
        ::pthread_kill(thread_.native_handle(), SIGTERM);
        thread_.join();
    }

private:
    sigset_t watched_ = {};
    std::atomic<bool> is_over_{false};
    std::thread thread_;
};

// What other commands may know of a running serve; gone when it ends.
class state_file
{
public:
    state_file(std::filesystem::path folder, app const& served, std::string const& public_url)
        : file_(folder / "serve.json")
    {
        boost::json::object out{
            {"pid", std::int64_t(::getpid())},
            {"listen", to_text(served.public_address())},
            {"admin_listen", to_text(served.admin_address())},
            {"public_url", public_url}};
        auto const draft = file_.string() + ".new";
        auto const text = boost::json::serialize(out) + "\n";
        std::error_code ignored;
        std::filesystem::remove(draft, ignored);
        int const fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        bool const written =
            fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
        if (fd >= 0)
            ::close(fd);
        if (!written)
            return;  // a convenience: other commands then ask the configuration
        std::filesystem::rename(draft, file_, ignored);
    }
    ~state_file()
    {
        std::error_code ignored;
        std::filesystem::remove(file_, ignored);
    }
    state_file(state_file const&) = delete;
    state_file& operator=(state_file const&) = delete;

private:
    std::filesystem::path file_;
};

// Every connection that the configuration allows needs a file: where they run out, nothing is sent any more,
// and no master key is read.
void allow_open_files(server_config const& server)
{
    constexpr rlim_t files_besides = 256;  // the store, requests to services, the admin listener's usual few
    rlimit files = {};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    auto const wanted = static_cast<rlim_t>(server.connections_max) + files_besides;
    if (files.rlim_cur >= wanted)
        return;
    files.rlim_cur = std::min(wanted, files.rlim_max);
    (void)::setrlimit(RLIMIT_NOFILE, &files);
}

// A core dump would hold every credential that is open, and so would what a debugger of the same user reads.
void leave_no_memory_behind()
{
    rlimit const none = {0, 0};
    (void)::setrlimit(RLIMIT_CORE, &none);
    (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int report(error const& failure, bool json)
{
    if (json)
    {
        auto on = process_terminal(json);
        print_error(on, failure, json);
    }
    else
        std::fprintf(stderr, "linkspan: %s\n", failure.message.c_str());
    return exit_code_of(failure.code);
}

// Flags win over the configuration, and are judged as it is.
result<> apply(serve_options const& options, server_config& server)
{
    std::pair<std::string_view, std::optional<std::string> const&> const flags[] = {
        {"listen", options.listen},
        {"admin_listen", options.admin_listen},
        {"public_url", options.public_url},
        {"log_level", options.log_level},
        {"log_format", options.log_format}};
    for (auto const& [name, text] : flags)
        if (text)
            if (auto done = override_server(server, name, *text); !done)
                return done;
    server.allow_http_public_url = server.allow_http_public_url || options.allow_http_public_url;
    if (auto safe = check_public_url(server); !safe)
        return safe;
    return check_listeners(server);
}

// What the configuration asks of the links, as `linkspan check` judges it: a fault keeps serve from starting.
result<> judge_links(config const& settings, key_reader& keys, log& lines)
{
    auto opened = command_store::open(keys.paths().database);
    if (!opened)
        return opened.error();
    std::function<result<std::vector<finding>>(transaction&)> const work = [&](transaction& tx)
    { return check_links(tx, settings, keys); };
    auto const now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    auto const findings = opened->read(now, work);
    if (!findings)
        return findings.error();
    std::string faults;
    for (auto const& one : *findings)
    {
        auto const text = (one.place.empty() ? "" : one.place + ": ") + one.message;
        if (one.kind == finding_kind::fault)
            faults += (faults.empty() ? "" : "\nlinkspan: ") + text;
        else if (one.kind == finding_kind::warning)
            lines.warning("check", {{"warning", text}});
    }
    if (!faults.empty())
        return error(errc::invalid, faults);
    return {};
}

}  // namespace

int run_serve(serve_options const& options)
{
    if (auto const named = find_named_config(options.paths); !named)
        return report(named.error(), options.json);
    auto loaded = load_config(options.paths.config);
    if (!loaded.problems.faults.empty() && options.json)
        return report(error(errc::invalid, to_text(loaded.problems)), options.json);
    if (!loaded.problems.faults.empty())
    {
        std::fprintf(stderr, "%s", to_text(loaded.problems).c_str());
        return exit_code_of(errc::invalid);
    }
    if (auto const done = apply(options, loaded.config.server); !done)
        return report(done.error(), options.json);
    for (auto const& folder : {options.paths.database.parent_path(), options.paths.state})
        if (auto const made = make_private_folder(folder); !made)
            return report(made.error(), options.json);

    leave_no_memory_behind();
    allow_open_files(loaded.config.server);
    signal_watch signals;
    log lines(loaded.config.server.log_level, loaded.config.server.log_format);
    app_settings settings;
    settings.configuration = loaded.config;
    settings.paths = options.paths;
    settings.print = print_to_stdout;
    settings.colour = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
    auto served = app::open(std::move(settings), lines);
    if (!served)
        return report(served.error(), options.json);
    if (auto const fit = judge_links(loaded.config, *key_reader_of(options.paths), lines); !fit)
        return report(fit.error(), options.json);
    state_file const state(options.paths.state, **served, loaded.config.server.public_url);
    signals.start(**served);
    lines.info(
        "serving",
        {{"version", LINKSPAN_VERSION},
         {"listen", to_text((*served)->public_address())},
         {"admin_listen", to_text((*served)->admin_address())},
         {"config",
          loaded.config.file.empty() ? std::string("(none: defaults)") : loaded.config.file.string()},
         {"database", options.paths.database.string()}}
    );
    auto const ended = (*served)->run();
    if (!ended)
        return report(ended.error(), options.json);
    lines.info("stopped");
    return exit_code_of(errc::none);
}

}  // namespace linkspan
