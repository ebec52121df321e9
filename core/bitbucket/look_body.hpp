#pragma once
#include "core/base/time.hpp"
#include "core/event/event.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>

namespace linkspan
{

// What the REST API showed of one pull request, as it is written into a row of look_key.
struct look_answers
{
    linkspan::edition edition = linkspan::edition::cloud;
    // Where the pull request is to be merged into: Cloud {uuid, full_name, ...}, Data Center {id, slug,
    // project: {key}, ...}. Its id may be left out where pull_request tells it.
    boost::json::value repository;
    // As the service shows it; or {"id": 7} alone: its fields were not asked for.
    boost::json::value pull_request;
    // Values of the list of comments; on Data Center of activities. Nothing: not asked for.
    std::optional<boost::json::array> comments;
    // Values of the list of tasks; on Data Center of blocker-comments. Nothing: not asked for.
    std::optional<boost::json::array> tasks;
    bool are_comments_whole = false;  // read to their end
    bool are_tasks_whole = false;
    time_point asked_at;  // when the first of them was asked for, by the service's clock
    time_point since;     // struct look
    bool folds = false;   // struct look

    look_answers() = default;
};

// The body of the row, which read_delivery() reads. Of what was not asked for nothing is concluded. Data
// Center's activities are cut to what looks are made of, and its threads and tasks laid out flat: replies
// within replies may lie deeper than a row is read.
std::string look_body(look_answers const& shown);

// What it showed of the builds of one commit, as it is written into a row of builds_key.
struct build_answers
{
    boost::json::value repository;  // as above
    std::string commit;             // its whole hash
    boost::json::array builds;      // values of their list
    time_point asked_at;
    time_point since;

    build_answers() = default;
};
std::string builds_body(build_answers const& shown);

}  // namespace linkspan
