#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/read_file.hpp"

namespace linkspan
{
namespace
{

loaded_config unreadable_config(std::filesystem::path const& file, std::string message)
{
    loaded_config out;
    out.config.file = file;
    out.problems.faults.push_back({file.string(), std::move(message)});
    return out;
}

}  // namespace

std::string to_text(config_faults const& all)
{
    std::string out;
    for (auto const& fault : all.faults)
        out += fault.place + ": " + fault.message + "\n";
    return out;
}

loaded_config load_config(std::filesystem::path const& file)
{
    std::error_code fault;
    auto const status = std::filesystem::status(file, fault);
    if (status.type() == std::filesystem::file_type::not_found)
        return {};
    // A pipe would be waited for.
    if (!fault && status.type() != std::filesystem::file_type::regular)
        return unreadable_config(
            file, "cannot be read: it is no file; give one with --config or LINKSPAN_CONFIG"
        );
    auto const text = read_file(file, config_bytes_max);
    if (!text)
        return unreadable_config(file, text.error().message);
    return parse_config(*text, file);
}

result<config> load_whole_config(std::filesystem::path const& file)
{
    auto loaded = load_config(file);
    auto const& faults = loaded.problems.faults;
    if (faults.empty())
        return std::move(loaded.config);
    auto message = faults.front().place + ": " + faults.front().message;
    if (faults.size() > 1)
        message += "; and " + std::to_string(faults.size() - 1) + " more: linkspan --config " +
                   file.string() + " check";
    return error(errc::invalid, std::move(message));
}

retry_schedule schedule_of(server_config const& server)
{
    retry_schedule out;
    out.waits.clear();
    for (auto const wait : server.retry_seconds)
        out.waits.push_back(seconds(wait));
    out.attempts_max = static_cast<int>(server.attempts_max);
    out.hold_wait = seconds(server.hold_seconds);
    return out;
}

rule_set rules_of(config const& read)
{
    return rule_set(read.rules, read.teams);
}

}  // namespace linkspan
