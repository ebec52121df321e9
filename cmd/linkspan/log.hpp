#pragma once
#include "core/base/error.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace spdlog
{
class logger;
}

namespace linkspan
{

enum class log_level
{
    debug,
    info,
    warning,
    error,
};

// One name=value of a line.
struct log_field
{
    std::string_view name;
    std::string value;

    log_field(std::string_view name, std::string_view value) : name(name), value(value) {}
    log_field(std::string_view name, std::int64_t value) : name(name), value(std::to_string(value)) {}
};

// The program's log: one line per boundary, to standard error, as "time level message name=value ..." or as
// one JSON object. Values are escaped, so that nothing from outside makes a line of its own. Only cmd logs;
// never a secret.
class log
{
public:
    // level: "debug", "info", "warning", "error"; format: "text" or "json".
    log(std::string_view level, std::string_view format);
    ~log();
    log(log const&) = delete;
    log& operator=(log const&) = delete;

    bool wants(log_level level) const;
    void write(log_level level, std::string_view message, std::initializer_list<log_field> fields = {});

    void debug(std::string_view message, std::initializer_list<log_field> fields = {})
    {
        write(log_level::debug, message, fields);
    }
    void info(std::string_view message, std::initializer_list<log_field> fields = {})
    {
        write(log_level::info, message, fields);
    }
    void warning(std::string_view message, std::initializer_list<log_field> fields = {})
    {
        write(log_level::warning, message, fields);
    }
    void error(std::string_view message, std::initializer_list<log_field> fields = {})
    {
        write(log_level::error, message, fields);
    }

private:
    std::shared_ptr<spdlog::logger> logger_;
    bool json_;
};

}  // namespace linkspan
