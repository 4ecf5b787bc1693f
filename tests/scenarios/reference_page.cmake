# Prints the reference page anew and compares it with the one in docs/.
execute_process(COMMAND ${PROGRAM} OUTPUT_FILE ${PRINTED} RESULT_VARIABLE failed)
if(failed)
	message(FATAL_ERROR "${PROGRAM} failed: ${failed}")
endif()
execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${PRINTED} ${PAGE} RESULT_VARIABLE differs)
if(differs)
	message(FATAL_ERROR "${PAGE} is not what the table of keys says: build the target `reference` to print it anew")
endif()
