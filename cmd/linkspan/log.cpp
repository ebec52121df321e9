#include "cmd/linkspan/log.hpp"

#include "core/base/time.hpp"
#include "core/base/utf8.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>

namespace linkspan
{
namespace
{

constexpr std::array level_words = {"debug", "info", "warning", "error"};
constexpr std::array spd_levels = {
    spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};

// Plain words stay as they are; anything else is quoted as in JSON, which leaves no line end and no control
// character: who is refused may have chosen the text, and somebody reads the log at a terminal.
std::string log_value(std::string_view value)
{
    bool plain = !value.empty();
    for (char const c : value)
        plain = plain && c > ' ' && c < '\x7f' && c != '"' && c != '=' && c != '\\';
    if (plain)
        return std::string(value);
    return plain_json(boost::json::serialize(boost::json::value(boost::json::string(value))));
}

}  // namespace

log::log(std::string_view level, std::string_view format)
    : logger_(std::make_shared<spdlog::logger>("linkspan", std::make_shared<spdlog::sinks::stderr_sink_mt>())
      ),
      json_(format == "json")
{
    logger_->set_pattern(json_ ? "%v" : "%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc);
    for (std::size_t i = 0; i < level_words.size(); ++i)
        if (level == level_words[i])
            logger_->set_level(spd_levels[i]);
    logger_->flush_on(spdlog::level::info);
}

log::~log()
{
    logger_->flush();
}

bool log::wants(log_level level) const
{
    return logger_->should_log(spd_levels[static_cast<std::size_t>(level)]);
}

void log::write(log_level level, std::string_view message, std::initializer_list<log_field> fields)
{
    if (!wants(level))
        return;
    auto const index = static_cast<std::size_t>(level);
    std::string line;
    if (json_)
    {
        boost::json::object object;
        auto const now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
        object.emplace("time", to_rfc3339(now));
        object.emplace("level", level_words[index]);
        object.emplace("message", message);
        for (auto const& field : fields)
            object.emplace(field.name, field.value);
        line = plain_json(boost::json::serialize(object));
    }
    else
    {
        line = std::string(level_words[index]) + " " + std::string(message);
        for (auto const& field : fields)
            line += " " + std::string(field.name) + "=" + log_value(field.value);
    }
    logger_->log(spd_levels[index], spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace linkspan
