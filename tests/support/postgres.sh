# Minds one PostgreSQL server: sh -c "$(cat postgres.sh)" postgres.sh FOLDER POSTGRES [ARGUMENT...]
#
# Takes a command a line and answers each with a line: "start" with the server's process, the name
# of a signal (and processes that get it, too) once the server has ended by it. When nobody can give
# commands any more, because the test is over or was killed, the server ends and FOLDER goes.
folder=$1
shift
server=
while read -r command others; do
    if [ "$command" = start ]; then
        "$@" </dev/null >>"$folder/log" 2>&1 &
        server=$!
        echo "$server"
    else
        # shellcheck disable=SC2086 # several words
        kill -s "$command" "$server" $others
        wait "$server"
        server=
        echo ended
    fi
done
if [ -n "$server" ]; then
    kill -s QUIT "$server"
    wait "$server"
fi
# A server that was killed left a few bytes of shared memory, which it names in this file.
if [ -f "$folder/data/postmaster.pid" ]; then
    ipcrm -m "$(sed -n '7s/.* //p' "$folder/data/postmaster.pid")"
fi
rm -rf "$folder"
